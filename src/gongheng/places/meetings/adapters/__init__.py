"""How sound and picture travel: mesh needs no server, janus forwards for larger rooms."""
