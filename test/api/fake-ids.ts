export const id = (number: number): string => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}`;

export const userId = id(1);
export const teamId = id(2);
export const sessionId = id(3);
export const deviceId = id(4);
export const loginId = id(5);
export const roleId = id(6);
export const at = '2026-01-02T03:04:05.678Z';
