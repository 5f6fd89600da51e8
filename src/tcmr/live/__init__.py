"""People in pictures as they come: readings, features and motion a few frames behind, in constant memory."""
