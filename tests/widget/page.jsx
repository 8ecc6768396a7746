/* The page around the call widget: it shows it, and leaves when the user is logged in elsewhere, as web clients do. */
import React from 'react';
import { createRoot } from 'react-dom/client';

import { PhoneIsland } from '@nethesis/phone-island';
import '@nethesis/phone-island/dist/index.css';

window.showWidget = (configuration) => {
  const root = createRoot(document.getElementById('widget'));
  window.addEventListener('phone-island-user-already-login', () => {
    root.unmount();
    document.body.textContent = 'Logged in elsewhere';
  });
  root.render(<PhoneIsland dataConfig={btoa(configuration)} uaType='desktop' />);
};
