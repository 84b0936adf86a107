"""Documents with lines, states, a question and every kind of field: what the tests of the web pages work on."""
