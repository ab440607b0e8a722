// Holds the precompiled header of the widgets.
