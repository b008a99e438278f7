"""The stages of a rehearsal, one file each, in the order of a tender (演练各环节)."""
