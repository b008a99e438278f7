"""What browsers ask of meetings: the room, what is done in it, and the recordings."""

from gongheng.kernel.roles import Role

#: Whoever can be invited at all; which meeting one sees is decided by its closed list.
PARTICIPANTS = (Role.EXPERT, Role.CENTRE, Role.SUPERVISOR, Role.AGENCY, Role.TENDERER, Role.NOTARY)
