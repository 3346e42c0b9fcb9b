"""A room for each lesson: everything that belongs to it and to no other (`rooms`)."""
