"""The page in the browser. Gradio is imported below here only, and only by ``blocks``."""
