"""`make dispatch-bench` on instances made by hand: the rules, the summary, bad files, and harder days."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.dispatch.__main__ import main
from bench.dispatch.day import Day, Doubts, Proposal, RuleBrokenError, View
from bench.dispatch.instances import BadInstanceError, read_instance
from tests.support.dispatch_judge import Judge, rows

PARAMETERS = (
    (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door"
        "\tmaximum click-to-door\tpay per order\tguaranteed pay per hour"
    ),
    "100\t4\t4\t40\t90\t10\t15",
)
RESTAURANTS = ("restaurant\tx\ty", "r1\t0\t0", "r2\t5000\t0")
COURIERS = ("courier\tx\ty\ton_time\toff_time", "c1\t300\t0\t0\t120")
ORDERS = ("order\tx\ty\tplacement_time\trestaurant\tready_time", "o1\t0\t400\t5\tr1\t20")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an instance; each file may be replaced."""

    def written(name: str = "day", **files: Iterable[str]) -> Path:
        folder = tmp_path / "instances" / name
        folder.mkdir(parents=True)
        contents: dict[str, Iterable[str]] = {
            "orders": ORDERS,
            "couriers": COURIERS,
            "restaurants": RESTAURANTS,
            "instance_parameters": PARAMETERS,
        }
        for file, lines in (contents | files).items():
            (folder / f"{file}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    return written


def bench(folder: Path, *options: str) -> tuple[int, Path]:
    out = folder.parent.parent / "out"
    arguments = ["--instances", str(folder.parent), "--out", str(out), "--processes", "1", *options]
    return main(arguments), out


def test_a_courier_leaves_as_late_as_the_ready_time_allows(write: Write) -> None:
    # 300 m are 3 minutes, parking 2: who leaves at 15 picks up at 20. Then 2 + 4 + 2 minutes to the door.
    status, out = bench(write())
    assert status == 0
    assert (out / "day.csv").read_text() == "order,courier,announced,pickup,dropoff\no1,c1,15,20,28\n"
    assert (out / "summary.csv").read_text().splitlines() == [
        (
            "instance,orders,undelivered,click_to_door_mean,click_to_door_p90,ready_to_pickup_mean,late_share,"
            "orders_per_courier_hour,pay_per_order"
        ),
        "day,1,0,23.0,23.0,0.0,0.0,0.5,30.0",  # 2 hours at 15 are more than one order at 10
    ]


def test_a_run_grows_until_its_pickup(write: Write) -> None:
    # Alone, o2 is picked up at 36: o1 at 28, free at 30, back at 34, parked at 36. In the run it delays o1 by 1 minute.
    status, out = bench(write(orders=(*ORDERS, "o2\t0\t500\t16\tr1\t21")))
    assert status == 0
    [first, second] = rows(out / "day.csv", ",")
    assert (first["pickup"], first["dropoff"], second["pickup"], second["dropoff"]) == ("21", "29", "21", "34")
    assert int(first["announced"]) == 15
    assert 16 <= int(second["announced"]) < 20


def a_crowded_day(write: Write, name: str = "day") -> Path:
    """Forty orders of two restaurants for five couriers, by arithmetic alone."""
    orders = [
        f"o{n}\t{(n * 977) % 6000}\t{(n * 613) % 3000}\t{n * 3}\tr{1 + n % 2}\t{n * 3 + (n * 7) % 30}"
        for n in range(40)
    ]
    couriers = [f"c{n}\t{n * 1000}\t{n * 300}\t{n * 10}\t{180 + n * 20}" for n in range(5)]
    return write(name, orders=(ORDERS[0], *orders), couriers=(COURIERS[0], *couriers))


@pytest.mark.parametrize("options", [(), ("--uncertain",), ("--decline-share", "0.3", "--seed", "3")])
def test_an_independent_judge_finds_each_rule_kept_and_the_same_summary(write: Write, options: tuple[str]) -> None:
    folder = a_crowded_day(write)
    status, out = bench(folder, *options)
    judge = Judge(folder, out / "day.csv")
    [summary] = rows(out / "summary.csv", ",")
    assert status == 0
    assert judge.faults == []
    assert {name: float(value) for name, value in judge.measures().items()} == {
        name: float(value) for name, value in summary.items() if name != "instance"
    }
    assert any(int(line["announced"]) > 15 for line in judge.lines)


@pytest.mark.parametrize(
    ("column", "minutes", "fault"),
    [
        ("pickup", -1, "wrong pickup"),
        ("dropoff", -1, "dropped off at another minute"),
        ("announced", -20, "announced before placed"),
        ("announced", 1, "wrong pickup"),
    ],
)
def test_the_judge_sees_a_broken_rule(write: Write, column: str, minutes: int, fault: str) -> None:
    folder = write()
    _, out = bench(folder)
    [line] = rows(out / "day.csv", ",")
    changed = line | {column: str(int(line[column]) + minutes)}
    with (out / "day.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, line)
        table.writeheader()
        table.writerow(changed)
    assert any(fault in text for text in Judge(folder, out / "day.csv").faults)


@pytest.mark.parametrize(
    ("proposal", "fault"),
    [
        (Proposal("c1", ("o3",), ("o3",)), "not open"),
        (Proposal("c1", ("o1", "o2"), ("o1", "o2")), "two restaurants"),
        (Proposal("c1", ("o1",), ("o1", "o2")), "not its bundle"),
        (Proposal("c2", ("o1",), ("o1",)), "not free"),
        (Proposal("c1", ("o4",), ("o4",)), "after the shift"),
    ],
)
def test_the_day_refuses_a_forbidden_proposal(write: Write, proposal: Proposal, fault: str) -> None:
    orders = ("o1\t0\t400\t5\tr1\t20", "o2\t0\t400\t5\tr2\t20", "o3\t0\t0\t6\tr1\t20", "o4\t0\t0\t5\tr1\t121")
    couriers = (*COURIERS, "c2\t0\t0\t60\t90")
    instance = read_instance(write(orders=(ORDERS[0], *orders), couriers=couriers))

    def dispatcher(view: View) -> list[Proposal]:
        return [proposal] if view.minute == 5 else []

    with pytest.raises(RuleBrokenError, match=fault):
        Day(instance).run(dispatcher)


def test_a_courier_who_declined_is_not_asked_again(write: Write) -> None:
    asked: list[tuple[str, str]] = []
    instance = read_instance(write(couriers=(*COURIERS, "c2\t900\t0\t0\t120")))

    def dispatcher(view: View) -> list[Proposal]:
        courier = "c2" if view.refused_by.get("o1") else "c1"
        asked.append((courier, "o1"))
        return [Proposal(courier, ("o1",), ("o1",))]

    with pytest.raises(RuleBrokenError, match="refused order again"):
        Day(instance, Doubts(decline_share=0.999)).run(lambda view: dispatcher(view) + dispatcher(view))


def test_a_decline_is_answered_in_the_same_minute(write: Write) -> None:
    asked: list[tuple[int, set[str]]] = []
    instance = read_instance(write(couriers=(*COURIERS, "c2\t900\t0\t0\t120")))

    def dispatcher(view: View) -> list[Proposal]:
        refused = set(view.refused_by.get("o1", ()))
        asked.append((view.minute, refused))
        left = sorted({"c1", "c2"} - refused)
        return [Proposal(left[0], ("o1",), ("o1",))] if left and view.minute == 9 else []

    Day(instance, Doubts(decline_share=0.999)).run(dispatcher)
    assert [refused for minute, refused in asked if minute == 9] == [set(), {"c1"}, {"c1", "c2"}]
    assert [minute for minute, _ in asked if minute < 12] == [5, 6, 7, 8, 9, 9, 9, 10, 11]


def test_an_uncertain_ready_time_is_the_mean_of_the_restaurant_until_the_food_is_ready(write: Write) -> None:
    seen: dict[int, float] = {}
    orders = ("o1\t0\t400\t0\tr1\t30", "o2\t0\t400\t50\tr1\t60")  # 30 and 10 minutes: 20 on average

    def dispatcher(view: View) -> list[Proposal]:
        seen[view.minute] = view.known_ready(view.orders["o1"])
        return []

    Day(read_instance(write(orders=(ORDERS[0], *orders))), Doubts(uncertain=True)).run(dispatcher)
    assert (seen[0], seen[19], seen[20], seen[29], seen[30]) == (20, 20, 21, 30, 30)


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"orders": (*ORDERS, "o2\t0\tabc\t5\tr1\t20")}, "orders.txt, line 3: column y: 'abc' is not a number"),
        ({"orders": (*ORDERS, ORDERS[1])}, "orders.txt, line 3: o1 occurs twice"),
        ({"orders": (*ORDERS, "o2\t0\t0\t5\tr9\t20")}, "restaurant r9 is not in restaurants.txt"),
        ({"orders": (*ORDERS, "o2\t0\t0\t25\tr1\t20")}, "ready_time 20 is before placement_time 25"),
        ({"orders": (*ORDERS, "o2\t0\t0")}, "3 columns, but the header has 6"),
        ({"orders": ORDERS[:1]}, "orders.txt: has no lines below its header"),
        ({"couriers": (*COURIERS, "c2\t0\t0\t9\t8")}, "off_time 8 is before on_time 9"),
        ({"couriers": (*COURIERS, "c2\t0\t0\t-1\t8")}, "column on_time: -1 is below 0"),
        ({"couriers": ("courier\tx\ty", "c1\t0\t0")}, "column on_time is missing"),
        ({"instance_parameters": (PARAMETERS[0], "0\t4\t4\t40\t90\t10\t15")}, "meters_per_minute: 0 is below 1"),
        ({"instance_parameters": (PARAMETERS[0], "inf\t4\t4\t40\t90\t10\t15")}, "not finite"),
    ],
)
def test_a_bad_file_is_named_and_the_other_instances_are_measured(
    write: Write, capsys: pytest.CaptureFixture[str], files: dict[str, Iterable[str]], fault: str
) -> None:
    write("good")
    status, out = bench(write("bad", **files))
    assert status == 1
    assert fault in capsys.readouterr().err
    assert [row["instance"] for row in rows(out / "summary.csv", ",")] == ["good"]


def test_a_missing_file_is_named(write: Write) -> None:
    folder = write()
    (folder / "couriers.txt").unlink()
    with pytest.raises(BadInstanceError, match=r"couriers\.txt: cannot be read"):
        read_instance(folder)


def test_a_folder_without_instances_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--instances", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no instance" in capsys.readouterr().err
    assert main(["--instances", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 2


def test_the_same_seed_gives_the_same_day(write: Write) -> None:
    folder = a_crowded_day(write)
    results = []
    for seed in ("1", "1", "2"):
        _, out = bench(folder, "--decline-share", "0.3", "--seed", seed)
        results.append((out / "day.csv").read_text())
    assert results[0] == results[1] != results[2]
