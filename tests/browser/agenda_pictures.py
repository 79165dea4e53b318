"""The agendas for the album: a full day in English, the others in French."""

from playwright.async_api import expect

from booking.roster import Roster
from showroom.database import Database
from showroom.demo.seed import SLUG
from showroom.hours import Interval, WeeklyHours
from showroom.showrooms import Showrooms
from tests.browser.agendas import AgendaPage, a_full_day, day_of, noon
from tests.browser.album import Album
from tests.browser.cast import Cast
from tests.visits import staff_id

ALICE, BRUNO, BOSS = (f"{who}@orvanne.example" for who in ("alice", "bruno", "manager"))
HALVES = (Interval.of("09:00", "12:30"), Interval.of("13:30", "18:00"))


async def agendas(cast: Cast, album: Album, database: Database) -> None:
    """The advisor's agenda with what it opens, and the team's."""
    paris = (await Showrooms(database).by_slug(SLUG)).id
    alice, bruno = await staff_id(database, ALICE), await staff_id(database, BRUNO)
    await a_full_day(database, paris, alice, bruno, noon())
    await Roster(database).set_hours(paris, alice, WeeklyHours(*(HALVES,) * 5))
    path = f"agenda?day={day_of(noon())}"

    own = AgendaPage(await cast.staff(ALICE, f"/advisor/{path}"))
    for view in ("Day", "Week", "List"):
        await own.tap(view)
        await own.reads("Jeanne Moreau")
        await album.take(own.page, f"agenda-{view.lower()}")
    await own.slip("Max Berger").click()
    await album.take(own.page, "agenda-visit")
    await own.page.goto(f"/advisor/{path}&view=day&lang=fr")
    await own.tap("Horaires et absences")
    await expect(own.sheet).to_contain_text("sur cette période")
    await album.take(own.page, "agenda-hours-in-french")
    await own.page.keyboard.press("Escape")
    await own.tap("Dans votre calendrier")
    await own.page.locator("#feed-create").click()
    await own.reads("Copiez-la maintenant")
    await album.take(own.page, "agenda-feed-in-french")
    await own.page.goto(f"/advisor/agenda?day={day_of(noon(25))}&view=day&lang=fr")
    await expect(own.page.locator("#empty")).to_be_visible()
    await album.take(own.page, "agenda-empty-in-french")

    team = AgendaPage(await cast.staff(BOSS, f"/manager/{path}"))
    await team.reads("Jeanne Moreau")
    await album.take(team.page, "team-agenda")
    await team.slip("Jeanne Moreau").click()
    await expect(team.sheet).to_contain_text("Bruno Keller")
    await album.take(team.page, "team-agenda-visit")
    await team.page.goto(f"/manager/{path}&view=week&lang=fr")
    await team.reads("Jeanne Moreau")
    await album.take(team.page, "team-agenda-week-in-french", whole=True)
