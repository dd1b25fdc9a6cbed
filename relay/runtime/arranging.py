"""A supervisor's arrangements as a person makes them: checked and written like any other change of settings."""

from relay.domain.names import Millis
from relay.domain.office import OfficeState, Settings
from relay.domain.office.acts import ActError
from relay.domain.office.changes import Change
from relay.domain.office.staffing import Arrangement, arranged
from relay.domain.settings import Person
from relay.errors import ConfigError, RefusedError
from relay.runtime.library import check_new
from relay.runtime.office import Office


async def arrange(office: Office, person: Person, act: Arrangement, now: Millis) -> list[Change]:
    """Do it. Raises RefusedError that says why it cannot be, ForbiddenError; nothing is written then."""
    return await office.change_settings(lambda state: settings_after(state, act, now), person)


def settings_after(state: OfficeState, act: Arrangement, now: Millis) -> Settings:
    """The settings with which it is done. Raises RefusedError that says why it cannot be."""
    try:
        settings = arranged(state, act, now)
        check_new(state, settings)
    except ActError as why:
        raise RefusedError("not_now", why.en, why.zh) from None
    except ConfigError as why:
        raise RefusedError("unsound", str(why), str(why)) from None
    return settings
