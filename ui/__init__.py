"""How people and programs reach Footnote: web page, command line, and what renders an Answer."""
