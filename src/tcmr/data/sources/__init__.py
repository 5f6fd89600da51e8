"""Raw data as its makers give it out: labelled videos into feature stores, captured motion into a motion file."""
