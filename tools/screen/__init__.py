"""Screening a market's bids from the command line (用命令筛查), without the platform and without a database."""
