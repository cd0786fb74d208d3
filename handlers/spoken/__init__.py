"""What people say in their own words: sentences as data, the cases they mean, what is refused."""
