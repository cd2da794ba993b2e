"""The company's definitions as one YAML file: the form, what applying it would change, and the way out again."""
