"""The audit: bugs planted in right layers, and who notices them.

crosscheck audit [LAYER …] --json audit.json
"""
