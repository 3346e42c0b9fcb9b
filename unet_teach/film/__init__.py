"""The film of a training: what a network makes of one place, from its first step to its last.

`record` takes the pictures while a run goes on and keeps them in the run's folder; `show`
shows them, live and afterwards. Lessons 08 and 14.
"""

from unet_teach.film.picture import in_colour
from unet_teach.film.record import Camera, Film, film
from unet_teach.film.show import Dashboard, errors, screen

__all__ = ["Camera", "Dashboard", "Film", "errors", "film", "in_colour", "screen"]
