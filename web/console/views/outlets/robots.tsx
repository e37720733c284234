// The robots of the chain: logged in or not, the last answer of the service, and when they may send again.
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { AsOf, Bar, Card, Empty, Facts, Grid, Load, Row, State, Table, chain, format, useApi, useTexts } from "../../kit";
import en from "./en";
import { LIVE, wordOf, type Alert, type Health, type RobotHealth } from "./model";
import zh from "./zh";

// A pause that a service asks for is announced by nobody.
const LOOK = 10_000;

export function Robots(): JSX.Element {
  const t = useTexts({ en, zh });
  const health = useApi<Health>("/v1/outlets/health", { chain: chain.value }, LIVE);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && health.reload(), LOOK);
    return () => clearInterval(timer);
  }, [health.reload]);
  return (
    <>
      <Row><AsOf of={health} /></Row>
      <Load of={health} lines={8} isEmpty={({ robots }) => robots.length === 0} empty={<Card><Empty icon="chat" title={t.noRobots} hint={t.noRobotsHint} /></Card>}>
        {({ alerts, robots }) => (
          <>
            {alerts.length > 0 && <Alerts alerts={alerts} />}
            <Grid columns={3}>{[...robots].sort(worstFirst).map((robot) => <RobotCard key={robot.robot.robot} health={robot} />)}</Grid>
          </>
        )}
      </Load>
    </>
  );
}

const rank = ({ robot }: RobotHealth): number => (robot.state === "failing" ? 0 : waits(robot.not_before) ? 1 : robot.enabled ? 2 : 3);
const worstFirst = (one: RobotHealth, other: RobotHealth): number => rank(one) - rank(other) || one.robot.robot.localeCompare(other.robot.robot);
const waits = (until: string | null): boolean => until !== null && new Date(until).getTime() > Date.now();

function Alerts({ alerts }: { alerts: Alert[] }): JSX.Element {
  const t = useTexts({ en, zh });
  return (
    <Card title={t.alerts} flush>
      <Table label={t.alerts} rows={alerts} rowKey={({ kind, subject }) => `${kind} ${subject}`} tone={() => "bad"} columns={[
        { key: "kind", head: t.problem, cell: ({ kind }) => wordOf(t.alertKinds, kind) },
        { key: "subject", head: t.of, cell: ({ subject }) => <span class="outlets-address">{subject}</span> },
        { key: "detail", head: t.why, cell: ({ detail }) => <span class="outlets-address">{detail}</span> },
        { key: "since", head: t.since, end: true, cell: ({ began_at: at }) => format.ago(at) },
      ]} />
    </Card>
  );
}

function RobotCard({ health }: { health: RobotHealth }): JSX.Element {
  const t = useTexts({ en, zh });
  const { robot } = health;
  const rows: [string, JSX.Element | string][] = [
    [t.channel, wordOf(t.channels, robot.channel)],
    [t.lastAnswer, robot.answered_at ? `${robot.answer === "accepted" ? t.accepted : (robot.answer ?? "")} · ${format.ago(robot.answered_at)}` : t.never],
    [t.lastLook, robot.looked_at ? format.ago(robot.looked_at) : t.never],
    [t.ordersWait, format.number(health.orders_waiting)],
    [t.announcementsWait, format.number(health.announcements_waiting)],
  ];
  if (waits(robot.not_before)) rows.splice(1, 0, [t.pausedUntil, format.clock(robot.not_before ?? "")]);
  return (
    <Card title={robot.robot} actions={<RobotState health={health} />}>
      <Facts rows={rows} />
      {health.paces.map((pace) => (
        <div key={pace.seconds}>
          <p class="soft">{t.pace(format.number(pace.used), format.number(pace.slots), format.duration(pace.seconds))}</p>
          <Bar share={pace.slots ? pace.used / pace.slots : 0} tone={pace.used >= pace.slots ? "wait" : "info"} />
        </div>
      ))}
      {robot.state === "failing" && <LogInAgain robot={robot.robot} channel={robot.channel} failure={robot.failure ?? ""} />}
    </Card>
  );
}

function RobotState({ health: { robot } }: { health: RobotHealth }): JSX.Element {
  const t = useTexts({ en, zh });
  if (!robot.enabled) return <State tone="still">{t.off}</State>;
  if (robot.state === "failing") return <State tone="bad">{t.failing}</State>;
  if (waits(robot.not_before)) return <State tone="wait">{t.paused}</State>;
  return <State tone="good">{t.works}</State>;
}

// No service of these lets a robot log in by a QR code: each has a key or a token of its own administration.
function LogInAgain({ robot, channel, failure }: { robot: string; channel: string; failure: string }): JSX.Element {
  const t = useTexts({ en, zh });
  const steps = (t.logIn as Record<string, string[]>)[channel] ?? [];
  return (
    <section class="section">
      <p><b>{t.logInAgain}</b> <span class="soft">{t.refusedWith(failure)}</span></p>
      <ol class="outlets-steps">{[...steps, t.saveCredentials(robot)].map((step) => <li key={step}>{step}</li>)}</ol>
      <p class="soft">{t.noQr}</p>
    </section>
  );
}
