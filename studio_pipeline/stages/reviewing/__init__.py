"""(to be written with the room)"""
