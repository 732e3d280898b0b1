"""From a trained model to events: inference, decisions, prediction files, timelines."""
