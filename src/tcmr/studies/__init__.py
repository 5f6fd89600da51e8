"""Studies: questions about TCMR, each answered by small trainings on rendered clips, with a table and a plot."""
