"""Image sets that NetSpec draws itself."""
