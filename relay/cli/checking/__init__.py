"""What `relay check` looks at, part by part.

parts     whether every plugin, channel and responder of config.toml can be built
warnings  what should be looked at in config.toml and in the shops
shops     what holds in a shop: what counts, what does not, and what relay may send
holds     the holds of a shop that are in force
"""
