"""Static features: region of interest, crop, backbones."""
