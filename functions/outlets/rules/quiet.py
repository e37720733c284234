"""Quiet hours and holidays. They postpone announcements, and never an order."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from functions.outlets.rules.settings import Rules, clock_time, is_holiday


def allowed_at(rules: Rules, zone: str, moment: datetime) -> datetime:
    """The first moment from `moment` on at which an announcement may be sent, by the outlet's clock.

    A clock that is set forward or back is followed: hours are compared as the outlet's clock shows them.
    """
    local_zone = ZoneInfo(zone)
    for _ in range(400):
        following = _next_allowed(rules, moment.astimezone(local_zone), local_zone)
        if following is None:
            return moment
        moment = following.astimezone(moment.tzinfo)
    return moment


def _next_allowed(rules: Rules, local: datetime, zone: ZoneInfo) -> datetime | None:
    """None at a moment that is not quiet; otherwise the end of this quiet time."""
    if is_holiday(rules, local.date()):
        return datetime.combine(local.date() + timedelta(days=1), clock_time("00:00"), zone)
    if rules.quiet_from is None or rules.quiet_until is None or rules.quiet_from == rules.quiet_until:
        return None
    begins, ends, now = clock_time(rules.quiet_from), clock_time(rules.quiet_until), local.time()
    overnight = begins > ends
    quiet = (now >= begins or now < ends) if overnight else begins <= now < ends
    if not quiet:
        return None
    day = local.date() + timedelta(days=1) if overnight and now >= begins else local.date()
    return datetime.combine(day, ends, zone)
