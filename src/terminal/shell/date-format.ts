import { civilTime, unixMs } from '../../emulator/kernel/index.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const dayMs = 86_400_000;

const two = (n: number, fill = '0'): string => String(n).padStart(2, fill);

/** ISO 8601 week number and its year. */
function isoWeek(at: number): { readonly week: number; readonly year: number } {
  const { weekday } = civilTime(at);
  const thursday = at + (4 - (weekday || 7)) * dayMs;
  const { year } = civilTime(thursday);
  return { week: Math.floor(dayOfYear(thursday) / 7) + 1, year };
}

/** Days since the first of January. */
function dayOfYear(at: number): number {
  return Math.floor(at / dayMs) - Math.floor(unixMs(civilTime(at).year, 1, 1) / dayMs);
}

/** strftime(3) with the locale C and the time zone UTC, as date(1) formats. */
export function formatDate(at: number, format: string): string {
  const t = civilTime(at);
  const hour12 = t.hour % 12 || 12;
  return format.replace(/%([-_0^#]?)(\d*)(:{0,3}[a-zA-Z%+])/g, (whole, flag: string, width: string, kind: string) => {
    const text = field(kind);
    if (text === undefined) return whole;
    const trimmed =
      flag === '-'
        ? text.replace(/^[0 ]+(?=.)/, '')
        : flag === '_'
          ? text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length))
          : flag === '0'
            ? text.replace(/^ +/, (spaces) => '0'.repeat(spaces.length))
            : text;
    const cased = flag === '^' ? trimmed.toUpperCase() : trimmed;
    // A number in front of N is how many of its digits are wanted.
    if (kind === 'N' && width !== '') return text.slice(0, Number(width));
    return width === '' ? cased : cased.padStart(Number(width), /^\d/.test(cased) ? '0' : ' ');
  });

  function field(kind: string): string | undefined {
    switch (kind) {
      case '%':
        return '%';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'Y':
        return String(t.year);
      case 'C':
        return two(Math.floor(t.year / 100));
      case 'y':
        return two(t.year % 100);
      case 'm':
        return two(t.month);
      case 'd':
        return two(t.day);
      case 'e':
        return two(t.day, ' ');
      case 'H':
        return two(t.hour);
      case 'k':
        return two(t.hour, ' ');
      case 'I':
        return two(hour12);
      case 'l':
        return two(hour12, ' ');
      case 'M':
        return two(t.minute);
      case 'S':
        return two(t.second);
      case 'N':
        return `${String(t.ms).padStart(3, '0')}000000`;
      case 'p':
        return t.hour < 12 ? 'AM' : 'PM';
      case 'P':
        return t.hour < 12 ? 'am' : 'pm';
      case 's':
        return String(Math.floor(at / 1000));
      case 'j':
        return String(dayOfYear(at) + 1).padStart(3, '0');
      case 'a':
        return days[t.weekday]!.slice(0, 3);
      case 'A':
        return days[t.weekday]!;
      case 'b':
      case 'h':
        return months[t.month - 1]!.slice(0, 3);
      case 'B':
        return months[t.month - 1]!;
      case 'u':
        return String(t.weekday || 7);
      case 'w':
        return String(t.weekday);
      case 'V':
        return two(isoWeek(at).week);
      case 'G':
        return String(isoWeek(at).year);
      case 'Z':
        return 'UTC';
      case 'z':
        return '+0000';
      case ':z':
        return '+00:00';
      case 'F':
        return formatDate(at, '%Y-%m-%d');
      case 'T':
      case 'X':
        return formatDate(at, '%H:%M:%S');
      case 'R':
        return formatDate(at, '%H:%M');
      case 'r':
        return formatDate(at, '%I:%M:%S %p');
      case 'D':
      case 'x':
        return formatDate(at, '%m/%d/%y');
      case 'c':
        return formatDate(at, '%a %b %e %H:%M:%S %Y');
      default:
        return undefined;
    }
  }
}
