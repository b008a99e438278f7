"""The bidder's command-line client (投标客户端): seals on this machine, speaks to the platform's public doors."""
