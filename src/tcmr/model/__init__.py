"""The temporal model: encoder, integration, regressor; windows; weights."""
