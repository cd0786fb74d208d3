"""The door for machines and browsers: REST API, pictures, sign-in and health."""
