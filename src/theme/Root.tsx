import type { ReactNode } from 'react';
import Stage from '../components/stage/Stage.tsx';
import { StageProvider } from '../components/stage/StageContext.tsx';

/** Stands above the router: the session and its stage stay while the reader moves from page to page. */
export default function Root({ children }: { readonly children: ReactNode }) {
  return (
    <StageProvider>
      {children}
      <Stage />
    </StageProvider>
  );
}
