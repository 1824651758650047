"""What people and creatures of a story are called when they have no name: “the miller”, “the frog”. English."""

from __future__ import annotations

from studio_pipeline.prose.languages import word_set

FEMALE = word_set(
    """
    woman girl mother sister daughter queen princess lady grandmother aunt wife witch widow maid niece duchess
    granddaughter stepmother empress goddess countess nun bride
    """
)
MALE = word_set(
    """
    man boy father brother son king prince grandfather uncle husband wizard fisherman miller nephew duke grandson
    stepfather emperor gentleman monk woodcutter huntsman knight sultan policeman count
    """
)
PEOPLE = (
    FEMALE
    | MALE
    | word_set(
        """
        giant keeper captain sailor soldier teacher doctor farmer shepherd baker tailor smith merchant robot astronaut
        stranger child hunter gardener painter clockmaker ferryman traveller traveler pilot thief ghost servant judge
        nurse dwarf fairy cook landlord detective inspector
        """
    )
)
ANIMALS = word_set(
    """
    fox wolf bear hare rabbit crow owl cat dog mouse dragon horse bird lion elephant whale gull bee fish turtle sparrow
    goat donkey pig hen rooster cock frog snake monkey tiger deer squirrel hedgehog penguin duck goose lamb sheep swan
    caterpillar raven
    """
)
ROLES = PEOPLE | ANIMALS
