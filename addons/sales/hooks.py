"""What sales answers: nothing yet of the core's hooks; deliveries follow their orders through fields alone."""
