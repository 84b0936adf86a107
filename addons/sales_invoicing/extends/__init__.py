"""What the meeting of sales and invoicing adds to the models of both."""
