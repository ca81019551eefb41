"""Draw the charts, one module each: dots with intervals on log axes, as static SVG without scripts."""
