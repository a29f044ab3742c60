import { lengthOf, readPages, type Support } from '../../../lib/documents.ts';

/** A step: reading a page, or trying something for some minutes. */
type Step = { readonly page: string } | { readonly task: string; readonly minutes: number };

export interface LearningPath {
  readonly title: string;
  /** The longest time that the path promises to take. */
  readonly minutes: number;
  readonly goal: string;
  readonly steps: readonly Step[];
}

/** The learning paths of the index, each for one kind of reader with a certain time. */
export const learningPaths: readonly LearningPath[] = [
  {
    title: '30 minutes: your first conversion',
    minutes: 30,
    goal: 'You have sent a test and a real conversion.',
    steps: [
      { page: 'quick-reference' },
      { page: 'keys' },
      { task: 'Send the test of the quick reference with your own key', minutes: 5 },
      { task: 'Follow one of our tracking links, and report the conversion with its click id', minutes: 15 },
    ],
  },
  {
    title: '1 hour: a complete integration',
    minutes: 60,
    goal: 'Your system reports approvals, rejections and chargebacks, and sends again what we could not store.',
    steps: [
      { page: 'integration-guide' },
      { page: 'examples' },
      { task: 'Go through the steps under Testing with a staging key', minutes: 20 },
      { task: 'Tick off the checklist before you go live', minutes: 20 },
    ],
  },
  {
    title: '2 hours: signed, mapped and monitored',
    minutes: 120,
    goal: 'Your postbacks are signed, your own names and words are mapped, and your team knows what to do with each code.',
    steps: [
      { page: 'integration-guide' },
      { task: 'Read what [network presets](network-presets.md) says about your network', minutes: 10 },
      { page: 'codes' },
      { task: "Set up your network's preset, or sign with our recipe, and send a signed test", minutes: 40 },
      { task: 'Tell us your IP addresses, names and status words, and try each of them', minutes: 20 },
      { task: 'Send the same postback again, take back a part, and take back the rest', minutes: 15 },
    ],
  },
  {
    title: '1 hour for publishers: receiving notifications',
    minutes: 60,
    goal: 'Your server books points once, and takes them back after a chargeback.',
    steps: [
      { page: 'publishers' },
      { task: 'Run the complete endpoint of that page with your own secret', minutes: 25 },
      { task: 'Have a test delivery sent, and tick off the list at the end of the page', minutes: 15 },
    ],
  },
];

/** @throws Error for a step that names no page, and for a path that takes longer than it promises. */
export function pathText({ title, minutes, goal, steps }: LearningPath): string {
  const pages = new Map(readPages().map((page) => [page.name, page]));
  const read = steps.map((step) => {
    if ('task' in step) return { text: `${step.task} (${step.minutes} min)`, minutes: step.minutes };
    const page = pages.get(step.page);
    if (page === undefined) throw new Error(`${title}: there is no page ${step.page}`);
    const length = lengthOf(page.text);
    return { text: `Read [${page.title}](${page.name}.md) (${length.minutes} min)`, minutes: length.minutes };
  });
  const total = read.reduce((sum, step) => sum + step.minutes, 0);
  if (total > minutes) throw new Error(`${title}: takes ${total} minutes`);
  return `### ${title}\n\n${goal} About ${total} minutes.\n\n${read.map(({ text }, index) => `${index + 1}. ${text}`).join('\n')}`;
}

/** Whom to ask. Fields that are not filled in are left out. */
export function supportText(support: Support): string {
  const rows = [
    ['Company', support.company],
    ['E-mail', support.email],
    ['Urgent', support.urgent],
    ['Hours', support.hours],
    ['We answer within', support.answer_within],
    ['Status page', support.status_page],
  ].flatMap(([name, value]) => (value === null ? [] : [`| ${name} | ${value} |`]));
  if (rows.length === 0) return 'Ask whoever sent you your postback URL or your secret.';
  return ['| | |', '|---|---|', ...rows].join('\n');
}
