"""The charts, a file each: dots with intervals on log axes, static SVG that no script draws."""
