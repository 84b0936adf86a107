"""VIP policy: contacts have a level, and the form shows it in the place of the website."""
