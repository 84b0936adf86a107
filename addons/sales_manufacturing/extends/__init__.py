"""What the meeting of sales and manufacturing adds to the models of both."""
