"""The film of a training: what a network makes of one place, from its first step to its last.

`record` takes the pictures while a run goes on and keeps them in the run's folder; `show`
shows them, live and afterwards. Lessons 08 and 14.
"""

from unet_teach.film.record import Camera, Film, film
from unet_teach.film.show import Dashboard, screen

__all__ = ["Camera", "Dashboard", "Film", "film", "screen"]
