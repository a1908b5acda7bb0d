/** What one account may send, so that a stolen password does little harm. 0 is without limit. */
export interface SendingLimits {
  readonly messagesPerHourMax: number;
  readonly messagesPerDayMax: number;
  /** Recipients that the account has not written to for half a year. */
  readonly newRecipientsPerHourMax: number;
  readonly newRecipientsPerDayMax: number;
}

export const sendingLimits: SendingLimits = {
  messagesPerHourMax: 500,
  messagesPerDayMax: 2_000,
  newRecipientsPerHourMax: 200,
  newRecipientsPerDayMax: 500,
};
