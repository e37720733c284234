"""A call of another function → its request to a chain's OpenID provider, from outside of the private network."""

from functions.people.provider.ask import answer_of
from shared.spine import entry

handler = entry.call(answer_of)
