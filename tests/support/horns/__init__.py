"""Other ends of speakers: receivers, devices and what they heard."""
