"""Sales: quotations become orders, orders become deliveries. What is delivered later is inventory's backorder."""
