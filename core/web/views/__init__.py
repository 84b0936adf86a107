"""Views: `expressions` (the language of attributes), `arch` (XML to a tree), `inheritance` (extensions of views),
`defaults` (views for models that have none), `catalogue` (stored views, combined, parsed and remembered)."""
