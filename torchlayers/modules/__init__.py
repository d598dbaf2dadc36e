"""The classes of `torchlayers.nn`, a file a family."""
