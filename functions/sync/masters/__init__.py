"""Items, prices and stock of outside systems → menus and sold-out lists."""
