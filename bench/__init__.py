"""How fast Løft is: each figure beside the one that it is compared with, measured in one run."""
