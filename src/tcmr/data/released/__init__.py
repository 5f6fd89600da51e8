"""The released preprocessed databases: read from their files, checked, written as feature stores."""
